"""The course: learn deep learning with nets that train before the slider stops moving.

`pronghorn learn` opens it in the browser. It needs `pip install 'pronghorn[learn]'`.
"""

from __future__ import annotations

__all__: list[str] = []  # its parts are imported by themselves, when they are needed
