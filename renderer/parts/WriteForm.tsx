/** A form that is saved by Ctrl or Cmd and Enter, or by its button, and left by Escape. */
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react'

export interface WriteFormProps {
  readonly label: string
  readonly onSave: () => void
  /** Escape; without it, whatever is around the form hears the key. */
  readonly onCancel?: () => void
  readonly className?: string
  readonly children: ReactNode
}

export function WriteForm({ label, onSave, onCancel, className = '', children }: WriteFormProps) {
  const form = useRef<HTMLFormElement>(null)
  // One that opens to be written in is there to be seen, wherever the page stood.
  useEffect(() => {
    if (form.current?.contains(document.activeElement) === true)
      form.current.scrollIntoView({ block: 'nearest' })
  }, [])
  // Before its buttons see the key, which would be pressed by it; a list that one of them opened is not in the form.
  const onKeyDownCapture = (event: KeyboardEvent) => {
    const isSave = event.key === 'Enter' && (event.ctrlKey || event.metaKey)
    if (isSave && form.current?.contains(event.target as Node) === true) act(event, onSave)
  }
  // After what is open in it: a list closes first.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && onCancel !== undefined) act(event, onCancel)
  }
  return (
    // The keys are those of its fields.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <form
      ref={form}
      className={`write-form ${className}`}
      aria-label={label}
      noValidate
      onKeyDownCapture={onKeyDownCapture}
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault()
        onSave()
      }}
    >
      {children}
    </form>
  )
}

/** Why it was not saved; null: nothing failed. */
export function WriteFailure({ failure }: { readonly failure: string | null }) {
  if (failure === null) return null
  return (
    <p className="write-failure" role="alert">
      {failure}
    </p>
  )
}

/** The keys that save, beside the button that does the same. */
export function SaveKeys() {
  return (
    <span className="write-keys" aria-hidden="true">
      {saveKeys.map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  )
}

/** As this computer calls them. */
const saveKeys: readonly string[] = /Mac/.test(navigator.userAgent) ? ['⌘', '↵'] : ['Ctrl', '↵']

/** A key that ends the composing of a character is no wish to save or leave. */
function act(event: KeyboardEvent, action: () => void): void {
  if (event.nativeEvent.isComposing) return
  event.preventDefault()
  event.stopPropagation()
  action()
}
