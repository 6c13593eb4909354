"""Start-up: `import aiecon` and `aiecon questions` beside bare Python, in turns, in one run.

python benchmarks/startup.py
"""

import statistics
import subprocess
import sys
import time

ROUNDS = 11
CASES = {
    "bare python": "pass",
    "import aiecon": "import aiecon",
    "aiecon questions": "import sys; sys.argv = ['aiecon', 'questions']; from aiecon.cli import main; main()",
}


def seconds(code):
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main():
    for code in CASES.values():
        seconds(code)
    times = {name: [] for name in CASES}
    for _ in range(ROUNDS):
        for name, code in CASES.items():
            times[name].append(seconds(code))
    bare = times["bare python"]
    print(f"{'case':<20}{'median s':>10}{'above bare s':>14}{'ratio':>8}")
    for name, found in times.items():
        above = statistics.median(one - base for one, base in zip(found, bare, strict=True))
        ratio = statistics.median(one / base for one, base in zip(found, bare, strict=True))
        print(f"{name:<20}{statistics.median(found):>10.3f}{above:>14.3f}{ratio:>8.2f}")


if __name__ == "__main__":
    main()
