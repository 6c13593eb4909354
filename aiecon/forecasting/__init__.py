"""Forecasts of dated series: calendar, methods, their combination, intervals from back-tests, accuracy."""
