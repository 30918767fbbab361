/** Amounts of data in words: `84 B`, `1.2 kB`, `3.4 MB`. */
import { number } from './Bar.tsx'

const one = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

export function bytesInWords(bytes: number): string {
  if (bytes < 1000) return `${number.format(bytes)} B`
  if (bytes < 1_000_000) return `${one.format(bytes / 1000)} kB`
  return `${one.format(bytes / 1_000_000)} MB`
}
