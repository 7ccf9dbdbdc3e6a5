// The page for companies: a discount from a hundred pieces on.

export function discount (pieces) {
  return pieces >= 100 ? 0.1 : 0
}

export function sum (lines) {
  const pieces = lines.reduce((sum, line) => sum + line.pieces, 0)
  const cents = lines.reduce((sum, line) => sum + line.pieces * line.cents, 0)
  return Math.round(cents * (1 - discount(pieces)))
}
