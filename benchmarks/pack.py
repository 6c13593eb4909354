"""The quarterly pack beside an empty papermill run of the same number of notebooks, in turns, in one run.

python benchmarks/pack.py
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

from aiecon import catalog

ROUNDS = 3
EMPTY = (
    "import sys, papermill\n"
    "from aiecon.report.kernel import OwnKernelManager\n"
    "for place in range(int(sys.argv[2])):\n"
    "    papermill.execute_notebook(sys.argv[1], sys.argv[1] + '.out', progress_bar=False, kernel_name='python3',\n"
    "                               kernel_manager_class=OwnKernelManager)\n"
)
PACK = (
    "import sys; sys.argv = ['aiecon', 'pack', 'quarterly', '--out', sys.argv[1]]; from aiecon.cli import main; main()"
)


def seconds(*arguments):
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def main():
    pages = len(catalog.pages("quarterly"))
    with tempfile.TemporaryDirectory() as folder:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("pass")])
        empty = Path(folder) / "empty.ipynb"
        nbformat.write(notebook, empty)
        out = str(Path(folder) / "reports")
        cases = {"empty papermill run": (EMPTY, str(empty), str(pages)), "aiecon pack quarterly": (PACK, out)}
        for arguments in cases.values():
            seconds(*arguments)
        times = {name: [] for name in cases}
        for _ in range(ROUNDS):
            for name, arguments in cases.items():
                times[name].append(seconds(*arguments))
    base = times["empty papermill run"]
    print(f"{'case':<24}{'median s':>10}{'ratio':>8}   ({pages} notebook{'s' if pages > 1 else ''})")
    for name, found in times.items():
        ratio = statistics.median(one / other for one, other in zip(found, base, strict=True))
        print(f"{name:<24}{statistics.median(found):>10.2f}{ratio:>8.2f}")


if __name__ == "__main__":
    main()
