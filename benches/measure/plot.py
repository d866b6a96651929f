"""Lines over time as an SVG file: panels below each other with one axis of time."""

from html import escape

WIDTH, PANEL, LEFT, RIGHT, GAP, TOP = 860, 150, 70, 20, 34, 30
COLOURS = ("#1f6f8b", "#c8553d", "#588157", "#7b5ea7")


def svg(title, panels, marks):
    """`panels` are (name, unit, {label: [(seconds, value)]}); `marks` are (seconds, text)."""
    times = [at for _, _, lines in panels for line in lines.values() for at, _ in line]
    last = max(times) or 1
    height = TOP + len(panels) * (PANEL + GAP) + 20
    x = lambda at: LEFT + (WIDTH - LEFT - RIGHT) * at / last  # noqa: E731
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="{LEFT}" y="18" font-size="14">{escape(title)}</text>',
    ]
    for number, (name, unit, lines) in enumerate(panels):
        top = TOP + number * (PANEL + GAP) + 14
        most = max([value for line in lines.values() for _, value in line] + [1e-9]) * 1.08
        y = lambda value: top + PANEL * (1 - value / most)  # noqa: B023, E731
        out.append(f'<rect x="{LEFT}" y="{top}" width="{WIDTH - LEFT - RIGHT}" height="{PANEL}" fill="none" stroke="#bbb"/>')
        for at, _ in marks:
            out.append(f'<line x1="{x(at):.1f}" x2="{x(at):.1f}" y1="{top}" y2="{top + PANEL}" stroke="#eee"/>')
        for part in (0, 0.5, 1):
            value = most * part / 1.08
            out.append(f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:,.3g}</text>')
        legend = LEFT
        out.append(f'<text x="{legend}" y="{top - 4}" font-weight="bold">{escape(name)}, {escape(unit)}</text>')
        for place, (label, line) in enumerate(lines.items()):
            colour = COLOURS[place % len(COLOURS)]
            points = " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in line)
            out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
            out.append(f'<text x="{LEFT + 260 + place * 130}" y="{top - 4}" fill="{colour}">{escape(label)}</text>')
    for at, text in marks:
        out.append(f'<text x="{x(at) + 3:.1f}" y="{height - 8}" fill="#555">{escape(text)}</text>')
    return "\n".join(out + ["</svg>", ""])
