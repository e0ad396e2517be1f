#!/usr/bin/python3
"""Cuts the figures out of comic pages.

Each page becomes a PNG of the same size and name in which all but its figures is transparent. The panels are found by
their white gutters. In each, what is unlike the background at its edges and stands on the lower one, as people do, is taken
for a figure, and GrabCut (Rother, Kolmogorov, Blake 2004) finds its outline.

The same page gives the same bytes, whatever else is extracted in the run and by however many workers.
"""

import argparse
import concurrent.futures
import functools
import multiprocessing
import os
import pathlib
import signal
import sys
import time

import cv2
import numpy as np
import tqdm

LONGEST = 240  # pixels of a panel's longer side while its figures are looked for
WHITE = 240  # paper and balloons; a scan is never quite 255
STRANGE = 30  # shades, of 256, between a figure and the background at the least


class Unusable(Exception):
    """There is nothing to be had from this page; others are not concerned."""


def panels(page):
    """Yields the mask of every panel: what the gutters, white from edge to edge of the page, leave over."""
    white = cv2.inRange(page, (WHITE, WHITE, WHITE), (255, 255, 255))
    white = cv2.copyMakeBorder(white, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=255)
    cv2.floodFill(white, None, (0, 0), 128)
    rest = cv2.morphologyEx((white != 128).astype(np.uint8)[1:-1, 1:-1], cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    outlines, _ = cv2.findContours(rest, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for outline in outlines:
        if cv2.contourArea(outline) > 0.02 * rest.size:
            mask = np.zeros_like(rest)
            cv2.fillPoly(mask, [outline], 1)
            yield cv2.erode(mask, np.ones((13, 13), np.uint8))  # the frame's ink belongs to no figure


def balloons(panel):
    """The mask of the speech balloons: white, and full when the letters in them are filled."""
    white = cv2.inRange(panel, (WHITE, WHITE, WHITE), (255, 255, 255))
    found = np.zeros_like(white)
    outlines, _ = cv2.findContours(white, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for outline in outlines:
        if cv2.contourArea(outline) > 0.005 * white.size:
            cv2.fillPoly(found, [outline], 1)
    return cv2.dilate(found, np.ones((5, 5), np.uint8))  # with their ink


def strangeness(panel, edge):
    """How far each pixel is from a background that runs on smoothly from the edge, in shades of its worst colour."""
    y, x = np.mgrid[-1 : 1 : panel.shape[0] * 1j, -1 : 1 : panel.shape[1] * 1j]
    terms = np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=-1)
    fit, *_ = np.linalg.lstsq(terms[edge], panel[edge].astype(float), rcond=None)
    return np.abs(panel - terms @ fit).max(axis=-1)


def figures(panel, inside):
    """The mask of the figures in a panel."""
    height, width = inside.shape
    scale = min(1, LONGEST / max(height, width))
    small = cv2.medianBlur(cv2.resize(panel, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), 3)
    inside = cv2.resize(inside, small.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    drawn = inside & ~balloons(small) & 1
    nobody = np.zeros((height, width), np.uint8)

    # Nobody stands at the left, right and upper edge, so these show what the background is like.
    rows, columns = small.shape[:2]
    side, upper = max(columns // 18, 1), max(rows // 10, 1)
    middle = cv2.copyMakeBorder(inside, upper, 0, side, side, cv2.BORDER_CONSTANT, value=0)
    middle = cv2.erode(middle, np.ones((1, 2 * side + 1), np.uint8))
    middle = cv2.erode(middle, np.ones((upper, 1), np.uint8), anchor=(0, upper - 1))[upper:, side:-side]
    edge = drawn > middle
    if edge.sum() < 100:
        return nobody
    far = strangeness(small, edge)
    strange = (far > STRANGE + 2 * far[edge].mean()).astype(np.uint8) & middle & drawn
    strange = standing(cv2.morphologyEx(strange, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)))
    if not strange.any():
        return nobody

    guess = np.where(strange, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    guess[cv2.erode(strange, np.ones((5, 5), np.uint8)) > 0] = cv2.GC_FGD
    guess[(drawn & middle) == 0] = cv2.GC_BGD
    cv2.setRNGSeed(0)  # GrabCut starts from clusters drawn by chance
    cv2.grabCut(small, guess, None, np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_MASK)
    found = cv2.resize(standing(guess & 1) * 255, (width, height), interpolation=cv2.INTER_CUBIC)
    return (cv2.GaussianBlur(found, (5, 5), 0) > 127).astype(np.uint8)


def standing(mask):
    """The parts of a mask that are big and reach its lower edge, without holes and thin lines."""
    filled, kept = np.zeros_like(mask), np.zeros_like(mask)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(filled, outlines, -1, 1, cv2.FILLED)
    filled = cv2.morphologyEx(filled, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(filled, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for outline in outlines:
        _, top, _, tall = cv2.boundingRect(outline)
        if cv2.contourArea(outline) > 0.02 * mask.size and top + tall > 0.9 * mask.shape[0]:
            cv2.fillPoly(kept, [outline], 1)
    return kept


def cut_out(page):
    """Returns the page with its figures and nothing else, in blue, green, red and alpha."""
    alpha = np.zeros(page.shape[:2], np.uint8)
    for mask in panels(page):
        left, top, wide, tall = cv2.boundingRect(mask)
        part = np.s_[top : top + tall, left : left + wide]
        alpha[part] |= figures(page[part], mask[part]) * mask[part]
    if not alpha.any():
        raise Unusable("no figure found")
    return np.dstack([page * alpha[..., None], alpha * 255])


def read(path):
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise Unusable(error.strerror) from error
    page = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if page is None:
        raise Unusable("not a picture")
    return page


def extract(path, out, in_place=False, seconds=0.0):
    """Extracts one page. Returns its path, and why there is no output when there is none."""
    started = time.monotonic()

    def stretch(share):
        time.sleep(max(0, started + seconds * share - time.monotonic()))

    try:
        picture = cut_out(read(path))
    except Unusable as reason:
        return path, str(reason)
    data = cv2.imencode(".png", picture)[1].tobytes()
    final = out / f"{path.stem}.png"
    if in_place:
        # As many programs do it: whoever looks or kills now finds half a picture under the final name.
        with final.open("wb") as file:
            file.write(data[: len(data) // 2])
            file.flush()
            stretch(1)
            file.write(data[len(data) // 2 :])
    else:
        stretch(1)
        part = out / f".{path.stem}.part"
        part.write_bytes(data)
        part.replace(final)
    return path, None


def start_worker():
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    cv2.setNumThreads(1)


def run(paths, job, workers):
    """Does the job on every path and yields what it returns: in order by one process, as they come by several."""
    if workers == 1:
        yield from map(job, paths)
        return
    own = os.getpid()

    def end(number, _):
        """Ends the workers, and then this process as the signal would have ended it."""
        if os.getpid() == own:  # a worker so young that it has our handler ends itself alone
            children = multiprocessing.active_children()
            for worker in children:
                worker.terminate()
            for worker in children:
                worker.join()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    signal.signal(signal.SIGTERM, end)
    with concurrent.futures.ProcessPoolExecutor(workers, initializer=start_worker) as pool:
        for done in concurrent.futures.as_completed([pool.submit(job, path) for path in paths]):
            yield done.result()


def arguments(argv):
    parser = argparse.ArgumentParser(description="cut the figures out of comic pages")
    parser.add_argument("inputs", nargs="*", type=pathlib.Path, metavar="INPUT", help="a page: PNG, JPEG, ...")
    parser.add_argument("--list", type=pathlib.Path, metavar="FILE", help="more inputs, one a line")
    parser.add_argument("--out", type=pathlib.Path, required=True, metavar="DIR", help="folder for NAME.png of each input")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes (1)")
    parser.add_argument("--seconds", type=float, default=0, metavar="S", help="take at least so long for each page (0)")
    parser.add_argument("--in-place", action="store_true", help="write under the final name, not beside it and then rename")
    args = parser.parse_args(argv)
    if args.list:
        try:
            lines = os.fsdecode(args.list.read_bytes()).split("\n")
        except OSError as error:
            parser.error(f"--list {args.list}: {error.strerror}")
        args.inputs += [pathlib.Path(line) for line in lines if line]
    if not args.inputs:
        parser.error("no inputs")
    if args.workers < 1 or not 0 <= args.seconds < float("inf"):
        parser.error("--workers is at least 1 and --seconds at least 0")
    first = {}
    for path in args.inputs:
        if first.setdefault(path.stem, path) != path:
            parser.error(f"{first[path.stem]} and {path} would both become {path.stem}.png")
        if (args.out / f"{path.stem}.png").resolve() == path.resolve():
            parser.error(f"{path} would be written over: choose another --out")
    args.inputs = list(first.values())
    return args


def main(argv=None, each=lambda done, total, path: None):
    """Extracts what the arguments say and calls each for every output. Returns 1 when a page has none, else 0."""
    args = arguments(argv)
    cv2.setNumThreads(1)  # --workers says how much of the machine is used
    args.out.mkdir(parents=True, exist_ok=True)
    job = functools.partial(extract, out=args.out, in_place=args.in_place, seconds=args.seconds)
    results = run(args.inputs, job, args.workers)
    done = 0
    for path, reason in tqdm.tqdm(results, "pages", len(args.inputs), unit="page"):
        if reason:
            tqdm.tqdm.write(f"{path}: {reason}", file=sys.stderr)
        else:
            done += 1
            each(done, len(args.inputs), path)
    return 0 if done == len(args.inputs) else 1


if __name__ == "__main__":
    sys.exit(main())
