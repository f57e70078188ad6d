"""
What every store promises, port by port.

Take a contract together with what makes the store; import its module, not the class,
or trial runs the bare contract.
"""
