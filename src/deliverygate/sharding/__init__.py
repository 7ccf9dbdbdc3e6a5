"""One stage over several machines: what each of them judges, and how their reports become one again.

The machines are those of the CI system or of a cluster; deliverygate says who does what (``planning``), writes it in
the words of the system (``pipelines``), and joins what came back (``merging``).
"""
