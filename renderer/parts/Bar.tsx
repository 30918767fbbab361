/** Progress as numbers and a bar, with its words for screen readers. */
import { Label, ProgressBar } from 'react-aria-components'
import type { Progress } from '../../src/status/status.ts'

export interface BarProps {
  readonly label: string
  readonly progress: Progress
  /**
   * `line`: label, numbers and bar in one row. `block`: the bar below. `cell`: numbers and bar, and the label for
   * screen readers only. Default `block`.
   */
  readonly shape?: 'line' | 'block' | 'cell'
}

export function Bar({ label, progress: { downloaded, total }, shape = 'block' }: BarProps) {
  return (
    <ProgressBar
      className={`bar bar-${shape}`}
      value={downloaded}
      maxValue={Math.max(1, total)}
      valueLabel={`${number.format(downloaded)} of ${number.format(total)}`}
      {...(shape === 'cell' && { 'aria-label': label })}
    >
      {({ percentage = 0, valueText }) => (
        <>
          {shape !== 'cell' && <Label className="bar-label">{label}</Label>}
          <span className="bar-value">{valueText}</span>
          <span className="bar-track">
            <span className="bar-fill" style={{ inlineSize: `${percentage}%` }} />
          </span>
        </>
      )}
    </ProgressBar>
  )
}

/** Whole numbers with thousands set apart, for the page. */
export const number = new Intl.NumberFormat('en-GB')
