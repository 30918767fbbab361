/** Keeps a list's end in sight while new rows come, as long as the user has not scrolled away from it. */
import { useEffect, useRef, type RefObject } from 'react'

/** CSS pixels from the end that still count as the end. */
const NEAR = 24

export function useFollow(): RefObject<HTMLDivElement | null> {
  const scroller = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = scroller.current
    const content = element?.firstElementChild
    if (!element || !content) return undefined
    let follows = true
    const onScroll = () => {
      follows = element.scrollTop + element.clientHeight > element.scrollHeight - NEAR
    }
    const toEnd = () => {
      if (follows) element.scrollTop = element.scrollHeight
    }
    element.addEventListener('scroll', onScroll, { passive: true })
    const growth = new ResizeObserver(toEnd)
    growth.observe(content)
    growth.observe(element)
    return () => {
      element.removeEventListener('scroll', onScroll)
      growth.disconnect()
    }
  }, [])
  return scroller
}
