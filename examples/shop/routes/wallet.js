// The wallet's page: what is left after a payment.

export function pay (wallet, cents) {
  if (cents > wallet.cents) throw new RangeError('not enough in the wallet')
  return { ...wallet, cents: wallet.cents - cents }
}
