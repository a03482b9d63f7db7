"""Draw figures as inline SVG. Start in `draw.py`; `canvas.py` and `axes.py` are shared by all of them."""
