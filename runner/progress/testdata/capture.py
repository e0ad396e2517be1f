"""Writes the samples in this folder, as real libraries print them into a file.

/usr/bin/python3 capture.py tqdm   # Debian's python3-tqdm 4.64.1
python3 capture.py rich            # the rich 13.4 that pip 23.2 brings along
"""
import subprocess
import sys

TQDM = {
    "plain": "for i in tqdm(range(30), desc='images', file=sys.stderr, mininterval=0): time.sleep(.002)",
    "postfix": """
bar = tqdm(range(30), desc='抽出', unit='枚', mininterval=0)
for i in bar:
    bar.set_postfix(file='p%03d.png' % (i + 1), loss=0.1)
    time.sleep(.002)""",
    "nototal": "for i in tqdm(iter(range(12)), desc='nototal', unit='img', mininterval=0): time.sleep(.002)",
    "bare": "for i in tqdm(range(5), mininterval=0): time.sleep(.002)",
    "ascii": "for i in tqdm(range(30), desc='ascii', ascii=True, mininterval=0): time.sleep(.002)",
    "nobar": "for i in tqdm(range(30), desc='nobar', ncols=0, mininterval=0): time.sleep(.002)",
    "wide": "for i in tqdm(range(3), desc='wide', ncols=300, mininterval=0): time.sleep(.002)",
    "colour": "for i in tqdm(range(30), desc='colour', colour='green', mininterval=0): time.sleep(.002)",
    "slow": "for i in tqdm(range(3), desc='slow', mininterval=0): time.sleep(1.2)",
    "scale": """
with tqdm(total=4000, desc='scale', unit_scale=True, mininterval=0) as bar:
    for i in range(40):
        bar.update(100)""",
    "bytes": """
with tqdm(total=3 << 30, desc='model.safetensors', unit='B', unit_scale=True, unit_divisor=1024, mininterval=0) as bar:
    for i in range(12):
        bar.update(1 << 28)""",
    "initial": """
with tqdm(total=30, initial=12, desc='resumed', mininterval=0) as bar:
    for i in range(18):
        bar.update(1)""",
    "over": """
with tqdm(total=5, desc='over', mininterval=0) as bar:
    for i in range(7):
        bar.update(1)""",
    "nested": """
for i in tqdm(range(4), desc='images', mininterval=0):
    for j in tqdm(range(6), desc='tiles', leave=False, mininterval=0):
        time.sleep(.001)""",
    "nested_left": """
for i in tqdm(range(3), desc='epochs', mininterval=0):
    for j in tqdm(range(5), desc='steps', mininterval=0):
        time.sleep(.001)""",
    "nested_same": """
for i in tqdm(range(4), mininterval=0):
    for j in tqdm(range(4), leave=False, mininterval=0):
        time.sleep(.001)""",
    "mixed": """
bar = tqdm(range(8), desc='mixed', mininterval=0)
for i in bar:
    if i % 3 == 0:
        tqdm.write('INFO 2026/11/21 10:0%d:00 saved out/%d/8.png' % (i, i))
    print('plain line', i, file=sys.stderr, flush=True)""",
    "sequence": """
for name, n in (('Loading checkpoint shards', 3), ('extract', 30), ('save', 30)):
    for i in tqdm(range(n), desc=name, mininterval=0):
        time.sleep(.001)""",
    "format": "for i in tqdm(range(30), desc='format', bar_format='{desc} {n_fmt}/{total_fmt} [{elapsed}<{remaining}]', mininterval=0): time.sleep(.002)",
    "odd_names": """
for name in ('a: b: c', '50%|half', 'x | y', '1/2', '10% of all'):
    for i in tqdm(range(3), desc=name, mininterval=0):
        time.sleep(.001)""",
    "threads": """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(4) as pool:
    list(tqdm(pool.map(lambda i: time.sleep(.001), range(30)), total=30, desc='threads', mininterval=0))""",
}

RICH = {
    "track": """
for i in track(range(30), description='抽出'): time.sleep(.02)""",
    "m_of_n": """
with Progress(TextColumn('{task.description}'), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()) as p:
    t = p.add_task('images', total=30)
    for i in range(30):
        p.advance(t); time.sleep(.02)""",
    "two": """
with Progress() as p:
    a, b = p.add_task('first', total=10), p.add_task('second', total=20)
    for i in range(20):
        p.advance(a); p.advance(b); time.sleep(.02)""",
    "download": """
from pip._vendor.rich.progress import DownloadColumn, TransferSpeedColumn
with Progress(BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()) as p:
    t = p.add_task('x', total=3400000)
    for i in range(34):
        p.advance(t, 100000); time.sleep(.02)""",
}


def capture(kind, name, head, body, env):
    out = subprocess.run([sys.executable, "-c", head + body], env=env, capture_output=True, check=True)
    with open(f"{kind}_{name}.log", "wb") as f:
        f.write(out.stderr if kind == "tqdm" else out.stdout)


plain = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
if sys.argv[1] == "tqdm":
    for name, body in TQDM.items():
        capture("tqdm", name, "import sys, time\nfrom tqdm import tqdm\n", body, plain)
else:
    for name, body in RICH.items():
        capture("rich", name, "import time\nfrom pip._vendor.rich.progress import *\n", body, plain | {"FORCE_COLOR": "1", "COLUMNS": "80"})
    capture("rich", "notty", "import time\nfrom pip._vendor.rich.progress import *\n", RICH["track"], plain)
