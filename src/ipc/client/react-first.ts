/** For hooks whose arguments are object literals. */
import { useState } from 'react'

/** Of values with equal keys, the first: callers write object literals, and effects compare identities. */
export function useFirst<T>(value: T, key: string): T {
  const [first, setFirst] = useState({ value, key })
  if (first.key === key) return first.value
  setFirst({ value, key })
  return value
}
