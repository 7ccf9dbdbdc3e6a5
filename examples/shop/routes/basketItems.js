// The basket's page.

// What is in the basket, one line a product, e.g. { id: 'apple-juice', want: 2, cents: 199 }.
export function add (basket, line) {
  const there = basket.find(({ id }) => id === line.id)
  if (!there) return [...basket, line]
  return basket.map(each => (each === there ? { ...each, want: each.want + line.want } : each))
}

export function sum (basket) {
  return basket.reduce((sum, line) => sum + line.want * line.cents, 0)
}
