/**
 * A text that one writes, with its label, what is wrong with it, and, when it nears its limit, how much room is left.
 * Nothing that is typed or pasted is ever cut off: a text that is too long says so.
 */
import { FieldError, Input, Label, Text, TextArea, TextField } from 'react-aria-components'
import { number } from './Bar.tsx'

export interface FieldProps {
  readonly label: string
  /** The label is for screen readers only. */
  readonly isLabelHidden?: boolean
  readonly value: string
  readonly onChange: (value: string) => void
  /** The most characters. */
  readonly limit: number
  /** Why it cannot be saved like this; null: it can. */
  readonly problem?: string | null
  readonly isMultiline?: boolean
  readonly placeholder?: string
  readonly isDisabled?: boolean
  readonly autoFocus?: boolean
  /** Name for the shortcuts, `data-focus`. */
  readonly focusName?: string
  readonly className?: string
}

export function Field({
  label,
  isLabelHidden = false,
  value,
  onChange,
  limit,
  problem = null,
  isMultiline = false,
  placeholder = '',
  isDisabled = false,
  autoFocus = false,
  focusName,
  className = '',
}: FieldProps) {
  const room = limit - value.length
  const tooLong = room < 0 ? `${number.format(-room)} characters too many.` : null
  const Control = isMultiline ? TextArea : Input
  return (
    <TextField
      className={`field ${className}`}
      value={value}
      onChange={onChange}
      isDisabled={isDisabled}
      isInvalid={problem !== null || tooLong !== null}
      // A form that opens because somebody asked for it begins where they write.
      // oxlint-disable-next-line jsx-a11y/no-autofocus
      autoFocus={autoFocus}
    >
      <Label className={isLabelHidden ? 'visually-hidden' : 'field-label'}>{label}</Label>
      <Control className="field-input" placeholder={placeholder} data-focus={focusName} />
      {room >= 0 && room <= limit / 10 && problem === null && (
        <Text slot="description" className="field-room">
          {number.format(room)} characters left
        </Text>
      )}
      <FieldError className="field-problem">{tooLong ?? problem}</FieldError>
    </TextField>
  )
}
