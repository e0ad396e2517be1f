#!/usr/bin/python3
"""Draws comic pages to extract figures from, so that no picture has to be shipped.

Page N of a seed is the same to the byte on every run, however many pages are drawn. With --truth, the place of the
figures is written beside them, white on black: what extract.py, which is never shown it, ought to find.
"""

import argparse
import pathlib

import cv2
import numpy as np

WIDTH, HEIGHT = 720, 1024
MARGIN, GUTTER = 28, 14
INK = (24, 20, 22)
PAPER = (250, 252, 252)

# All colours are blue, green, red, as OpenCV has them.
SKINS = [(190, 214, 250), (160, 190, 236), (120, 158, 212), (78, 110, 160)]
HAIRS = [(40, 34, 34), (40, 66, 120), (70, 170, 226), (60, 60, 190), (170, 120, 60)]
CLOTHES = [(70, 60, 160), (140, 90, 40), (80, 130, 60), (60, 140, 210), (130, 70, 120), (70, 70, 74)]
SKIES = [
    ((236, 214, 190), (250, 240, 226)),
    ((206, 232, 206), (232, 246, 236)),
    ((216, 206, 236), (240, 236, 248)),
    ((190, 226, 240), (222, 242, 248)),
]


class Layer:
    """A picture and, as white on black, which of its pixels belong to figures."""

    def __init__(self, picture):
        self.picture = picture
        self.truth = np.zeros(picture.shape[:2], np.uint8)

    def shape(self, points, colour):
        """Fills a part of a figure and inks its outline."""
        points = np.round(points).astype(np.int32)
        cv2.fillPoly(self.picture, [points], colour, cv2.LINE_AA)
        cv2.polylines(self.picture, [points], True, INK, 2, cv2.LINE_AA)
        cv2.fillPoly(self.truth, [points], 255)
        cv2.polylines(self.truth, [points], True, 255, 2)

    def line(self, points, thickness=2):
        """Inks a line on a figure; it adds nothing to where the figure is."""
        cv2.polylines(self.picture, [np.round(points).astype(np.int32)], False, INK, thickness, cv2.LINE_AA)

    def dot(self, centre, radii, colour):
        cv2.ellipse(self.picture, (tuple(map(float, centre)), tuple(2.0 * r for r in radii), 0), colour, -1, cv2.LINE_AA)


def oval(centre, radii, start=0, end=360):
    """The points of an ellipse, or of the arc between two angles in degrees; 90 points down."""
    angles = np.radians(np.linspace(start, end, 60))
    return np.stack([centre[0] + radii[0] * np.cos(angles), centre[1] + radii[1] * np.sin(angles)], axis=1)


def limb(start, end, thick):
    """A bar with a round end."""
    way = (end - start) / np.linalg.norm(end - start)
    angle = np.degrees(np.arctan2(way[1], way[0]))
    side = np.array([-way[1], way[0]]) * thick
    return np.concatenate([[start + side, start - side], oval(end, (thick, thick), angle - 90, angle + 90)])


def panels(rng):
    """Cuts a page into rows and the rows into panels, some by a slanted gutter. Yields corners, clockwise."""
    heights = rng.uniform(0.8, 1.2, rng.integers(2, 4))
    heights *= (HEIGHT - 2 * MARGIN - GUTTER * (len(heights) - 1)) / heights.sum()
    top = float(MARGIN)
    for height in heights:
        bottom = top + height
        left, right = MARGIN, WIDTH - MARGIN
        if rng.random() < 0.65:
            middle, slant = rng.uniform(0.42, 0.58) * WIDTH, rng.choice([-24, 0, 24])
            yield np.array([(left, top), (middle + slant, top), (middle - slant, bottom), (left, bottom)])
            left, middle = middle + GUTTER, right
            yield np.array([(left + slant, top), (right, top), (right, bottom), (left - slant, bottom)])
        else:
            yield np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
        top = bottom + GUTTER


def background(rng, height, width):
    """A gradient with one of: nothing, screentone, speed lines, a window."""
    upper, lower = (np.array(c, float) for c in SKIES[rng.integers(len(SKIES))])
    if rng.random() < 0.5:
        upper, lower = lower, upper
    share = np.linspace(0, 1, height)[:, None, None]
    picture = np.broadcast_to(upper * (1 - share) + lower * share, (height, width, 3)).astype(np.uint8).copy()
    shade = tuple(map(int, np.minimum(upper, lower) * 0.82))
    kind = rng.choice(["plain", "tone", "speed", "window"])
    if kind == "tone":
        for y in range(0, height, 9):
            for x in range(y % 2 * 5, width, 10):
                cv2.circle(picture, (x, y), 2, shade, -1, cv2.LINE_AA)
    elif kind == "speed":
        centre = np.array([width / 2, height / 2])
        for angle in rng.uniform(0, 2 * np.pi, 60):
            way = np.array([np.cos(angle), np.sin(angle)])
            start, end = centre + way * rng.uniform(0.3, 0.5) * width, centre + way * width
            cv2.line(picture, tuple(start.astype(int).tolist()), tuple(end.astype(int).tolist()), shade, 1, cv2.LINE_AA)
    elif kind == "window":
        for x in (0.08, 0.7):
            corner, size = np.array([x * width, 0.1 * height]), np.array([0.22 * width, 0.6 * height])
            for part in range(4):
                at = corner + size / 2 * (part % 2, part // 2)
                cv2.rectangle(picture, at.astype(int).tolist(), (at + size / 2).astype(int).tolist(), shade, 2)
    return picture


def balloon(rng, picture, centre, radii):
    """A speech balloon with lines of scribble."""
    outline = oval(centre, radii)
    tail = np.array([centre[0] + radii[0] * 0.2, centre[1] + radii[1] * 1.35])
    points = np.round(np.concatenate([outline[:14], tail[None], outline[18:]])).astype(np.int32)
    cv2.fillPoly(picture, [points], (255, 255, 255), cv2.LINE_AA)
    cv2.polylines(picture, [points], True, INK, 2, cv2.LINE_AA)
    for x in np.arange(centre[0] - radii[0] * 0.5, centre[0] + radii[0] * 0.6, 11):
        y, end = centre[1] - radii[1] * 0.55, centre[1] + radii[1] * rng.uniform(0.2, 0.55)
        while y < end:
            step = rng.uniform(4, 8)
            cv2.line(picture, (int(x), int(y)), (int(x + rng.uniform(-3, 3)), int(y + step)), INK, 1, cv2.LINE_AA)
            y += step + 3


def figure(rng, layer, x, y, size):
    """A person from the waist up: x is the middle, y the middle of the face, size the half height of the head."""
    skin, hair = SKINS[rng.integers(len(SKINS))], HAIRS[rng.integers(len(HAIRS))]
    cloth = CLOTHES[rng.integers(len(CLOTHES))]
    foot = layer.picture.shape[0] + 20
    wide, long_hair = size * 0.78, rng.random() < 0.5

    if long_hair:
        drop = rng.uniform(1.6, 2.2) * size
        layer.shape(np.concatenate([oval((x, y - size * 0.15), (wide * 1.3, size * 1.15), 180, 360),
                                    [(x + wide * 1.35, y + drop), (x - wide * 1.35, y + drop)]]), hair)
    # Shoulders, arms and chest; one arm may be raised.
    shoulder, chest = y + size * 1.45, wide * rng.uniform(1.5, 1.8)
    layer.shape(np.array([(x - wide * 0.4, shoulder - size * 0.25), (x + wide * 0.4, shoulder - size * 0.25),
                          (x + chest, shoulder + size * 0.2), (x + chest * 1.12, foot), (x - chest * 1.12, foot),
                          (x - chest, shoulder + size * 0.2)]), cloth)
    if rng.random() < 0.5:
        side = rng.choice([-1, 1])
        joint = np.array([x + side * chest * 0.85, shoulder + size * 0.4])
        elbow = np.array([x + side * chest * 1.3, shoulder + size * 0.75])
        hand = np.array([x + side * chest * rng.uniform(1.1, 1.3), y + size * 0.3])
        layer.shape(limb(joint, elbow, size * 0.24), cloth)
        layer.shape(oval(hand - (0, size * 0.15), (size * 0.24, size * 0.28)), skin)
        layer.shape(limb(hand, elbow, size * 0.2), cloth)
    layer.line([(x - chest * 0.62, shoulder + size * 0.6), (x - chest * 0.66, foot)])
    layer.line([(x + chest * 0.62, shoulder + size * 0.6), (x + chest * 0.66, foot)])
    # Neck and collar, ears, face.
    layer.shape(np.array([(x - wide * 0.32, y + size * 0.6), (x + wide * 0.32, y + size * 0.6),
                          (x + wide * 0.36, shoulder - size * 0.2), (x, shoulder + size * 0.25),
                          (x - wide * 0.36, shoulder - size * 0.2)]), skin)
    for side in (-1, 1):
        layer.shape(oval((x + side * wide, y + size * 0.1), (size * 0.14, size * 0.22)), skin)
    layer.shape(np.concatenate([oval((x, y), (wide, size), 180, 360), [(x + wide * 0.86, y + size * 0.5)],
                                oval((x, y + size * 0.55), (wide * 0.55, size * 0.45), 20, 160),
                                [(x - wide * 0.86, y + size * 0.5)]]), skin)
    for side in (-1, 1):
        eye = np.array([x + side * wide * 0.42, y + size * 0.12])
        layer.dot(eye, (size * 0.15, size * 0.2), (245, 248, 248))
        layer.dot(eye + (0, size * 0.03), (size * 0.1, size * 0.16), hair)
        layer.dot(eye - (size * 0.03, size * 0.04), (size * 0.04, size * 0.05), (255, 255, 255))
        layer.line(oval(eye, (size * 0.17, size * 0.21), 195, 345), 3)
        tilt = rng.uniform(-0.06, 0.1) * size * side
        layer.line([eye + (-size * 0.16, -size * 0.3 - tilt), eye + (size * 0.16, -size * 0.3 + tilt)])
        layer.dot(eye + (side * size * 0.1, size * 0.36), (size * 0.12, size * 0.05), tuple(int(c * w) for c, w in zip(skin, (0.82, 0.84, 1))))
    layer.line([(x, y + size * 0.3), (x + size * 0.05, y + size * 0.42), (x, y + size * 0.44)], 1)
    smile = rng.uniform(-0.08, 0.16) * size
    layer.line(oval((x, y + size * 0.64), (size * 0.2, abs(smile)), *((0, 180) if smile > 0 else (180, 360))))
    # The fringe: a cap with a jagged lower edge.
    cap = oval((x, y - size * 0.12), (wide * 1.12, size * 1.08), 180, 360)
    tips = np.linspace(1.08, -1.08, 2 * int(rng.integers(3, 6)) + 1)
    lift = np.where(np.arange(len(tips)) % 2, -0.5, rng.uniform(-0.22, -0.02, len(tips)))
    layer.shape(np.concatenate([cap, np.stack([x + tips * wide, y + lift * size], axis=1)]), hair)


def panel(rng, height, width, peopled):
    """One panel: figures stand clear of its left, right and upper edge and are cut by the lower one."""
    layer = Layer(background(rng, height, width))
    many = (2 if width > 1.6 * height and rng.random() < 0.6 else 1) if peopled else 0
    size = min(height * 0.2, width / max(many, 1) * 0.15) * rng.uniform(0.9, 1.1)
    places = (np.arange(many) + 0.5) / max(many, 1) * width + rng.uniform(-0.05, 0.05, many) * width
    if rng.random() < 0.7:
        at = rng.choice([0.17, 0.83]) * width
        balloon(rng, layer.picture, (at, height * 0.2), (width * 0.11 + 14, height * 0.13 + 10))
    for x in places:
        figure(rng, layer, x, height * rng.uniform(0.42, 0.5), size)
    return layer


def page(seed, number):
    """Draws a page; returns it and the mask of its figures."""
    rng = np.random.default_rng([seed, number])
    sheet = np.full((HEIGHT, WIDTH, 3), PAPER, np.uint8)
    truth = np.zeros((HEIGHT, WIDTH), np.uint8)
    corners = list(panels(rng))
    peopled = rng.random(len(corners)) < 0.8
    peopled[rng.integers(len(corners))] = True
    for quad, people in zip(corners, peopled):
        left, top = np.floor(quad.min(axis=0)).astype(int)
        right, bottom = np.ceil(quad.max(axis=0)).astype(int)
        layer = panel(rng, bottom - top, right - left, people)
        inside = np.zeros((HEIGHT, WIDTH), np.uint8)
        frame = np.round(quad).astype(np.int32)
        cv2.fillPoly(inside, [frame], 255)
        inside = inside[top:bottom, left:right] > 0
        sheet[top:bottom, left:right][inside] = layer.picture[inside]
        truth[top:bottom, left:right][inside] = layer.truth[inside]
        cv2.polylines(sheet, [frame], True, INK, 4, cv2.LINE_AA)
        cv2.polylines(truth, [frame], True, 0, 4)
    grain = rng.normal(0, 3, sheet.shape)  # of a scan
    return np.clip(sheet + grain, 0, 255).astype(np.uint8), truth


def main():
    parser = argparse.ArgumentParser(description="draw comic pages to extract figures from")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("pages"), help="folder for p001.png, p002.png, ... (pages)")
    parser.add_argument("--truth", type=pathlib.Path, help="folder for the masks of the figures, under the same names")
    parser.add_argument("--count", type=int, default=40, help="how many pages (40)")
    parser.add_argument("--seed", type=int, default=88, help="another seed draws other pages (88)")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    for folder in filter(None, (args.out, args.truth)):
        folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, args.count + 1):
        picture, truth = page(args.seed, number)
        for folder, image in ((args.out, picture), (args.truth, truth)):
            if folder and not cv2.imwrite(str(folder / f"p{number:03}.png"), image):
                raise SystemExit(f"{folder}: cannot write p{number:03}.png")


if __name__ == "__main__":
    main()
