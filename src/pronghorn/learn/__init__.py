"""The course: learn deep learning with nets that train before the slider stops moving.

`pronghorn learn` opens it in the browser. It needs `pip install 'pronghorn[learn]'`.
"""
