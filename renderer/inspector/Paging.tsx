/** From page to page, and where among all one is. */
import { Button } from 'react-aria-components'
import type { ErrorInfo } from '../../src/status/status.ts'

export interface PagingProps {
  /** `1–100 of 2,000`; null while nothing is shown. */
  readonly range: string | null
  /** Null where there is no such page. */
  readonly onPrevious: (() => void) | null
  readonly onNext: (() => void) | null
}

export function Paging({ range, onPrevious, onNext }: PagingProps) {
  return (
    <div className="paging" role="group" aria-label="Pages">
      {range !== null && (
        <span className="count" data-testid="page-range">
          {range}
        </span>
      )}
      <Button className="button button-small" isDisabled={onPrevious === null} onPress={() => onPrevious?.()}>
        Previous
      </Button>
      <Button className="button button-small" isDisabled={onNext === null} onPress={() => onNext?.()}>
        Next
      </Button>
    </div>
  )
}

/** What stands below is what was read last, and reading it again does not work. */
export function NotCurrent({ error }: { readonly error: ErrorInfo | null }) {
  return (
    <span className="not-current" role="status">
      {error !== null && `Not current: ${error.message}`}
    </span>
  )
}
