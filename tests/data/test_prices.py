import subprocess
import sys

from aiecon import resources


def test_the_rate_card_is_rebuilt_to_the_same_bytes(tmp_path):
    subprocess.run([sys.executable, str(resources.path("data/prices/build.py")), str(tmp_path)], check=True)
    assert (tmp_path / "token_prices.csv").read_bytes() == resources.path("data/prices/token_prices.csv").read_bytes()
