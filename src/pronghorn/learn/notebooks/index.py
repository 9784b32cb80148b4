import marimo

app = marimo.App(width="medium", app_title="Pronghorn: the course")


@app.cell(hide_code=True)
def _():
    import marimo as mo

    mo.md(r"""
    # Learn deep learning

    Eight lessons, each a tutorial with figures that train real networks while you move
    a slider, and an exercise whose questions look at what you built. You need Python
    and school mathematics.
    """)
    return (mo,)


@app.cell(hide_code=True)
def _():
    from pronghorn.learn.contents import Contents

    Contents()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    Each page is a notebook: change any line of code, press Ctrl+Enter (⌘+Enter), and
    all that depends on it follows. What you change is kept in your own folder, and
    `pronghorn learn --reset` brings everything back as it came. Run the cell above
    again to see what you have solved since.
    """)
    return


if __name__ == "__main__":
    app.run()
