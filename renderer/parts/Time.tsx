/** A moment as a short age that keeps itself current; the exact time on hover and for machines. */
import { useClock } from './clock.ts'
import { ago, exactly } from './time.ts'

export function Time({ at }: { readonly at: string }) {
  const time = Date.parse(at)
  const age = useClock((now) => ago(time, now))
  if (Number.isNaN(time)) return null
  return (
    <time dateTime={at} title={exactly(time)}>
      {age}
    </time>
  )
}
