/**
 * Keyboard focus never falls to the page: when the element that had it is taken away or hidden, it goes on to what
 * surrounded it, a dialog or the open issue; else to the list, or to the pane where the list will be, and from there
 * to the list once it has come.
 */
import { useEffect } from 'react'

export function useKeptFocus(): void {
  useEffect(() => {
    let last: Element | null = null
    let around: HTMLElement | null = null
    let frame: number | null = null
    const note = () => {
      last = document.activeElement
      around = last?.closest<HTMLElement>('[role="dialog"], [data-focus="detail"]') ?? null
    }
    const keep = () => {
      frame = null
      const active = document.activeElement
      const has = active === null || active === document.body ? last : active
      // After a click on nothing the element is still there: that was a wish, and stays.
      if (has !== null && !has.checkVisibility()) (isVisible(around) ? around : successor())?.focus()
      else if (active?.localName === 'main') visible('[data-focus="list"]')?.focus()
    }
    const changes = new MutationObserver(() => {
      // A popover that closes gives focus back in the next frame: that comes first.
      frame ??= requestAnimationFrame(() => (frame = requestAnimationFrame(keep)))
    })
    changes.observe(document.body, { childList: true, subtree: true })
    addEventListener('focusin', note)
    return () => {
      changes.disconnect()
      removeEventListener('focusin', note)
      if (frame !== null) cancelAnimationFrame(frame)
    }
  }, [])
}

function successor(): HTMLElement | null {
  return visible('[data-focus="list"]') ?? visible('main') ?? visible('[data-focus="detail"]')
}

function visible(selector: string): HTMLElement | null {
  const element = document.querySelector<HTMLElement>(selector)
  return isVisible(element) ? element : null
}

function isVisible(element: HTMLElement | null): element is HTMLElement {
  return element?.checkVisibility() === true
}
