"""The words and tables of each question's page, one file per question, same name."""
