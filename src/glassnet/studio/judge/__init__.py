"""Judge: how good networks really are, on digits and on non-digits."""
