/** A change that the service refused: why, what is safe, and the two ways out. */
import { Button } from 'react-aria-components'
import { RefusedIcon } from '../parts/icons.tsx'
import { WriteFailure } from '../parts/WriteForm.tsx'
import { heldWords } from './upload-words.ts'
import { useDeciding, type Refused } from './writing.ts'

export interface RefusedChangeProps {
  readonly refused: Refused
  /** What was changed, where the place does not say it: `DISP-12`. */
  readonly of?: string
}

export function RefusedChange({ refused, of }: RefusedChangeProps) {
  const { tryAgain, giveUp, failure } = useDeciding()
  return (
    <section className="refused" aria-label="A change was refused" data-testid="refused-change">
      <p className="refused-title">
        <RefusedIcon /> The service refused your change{of !== undefined && ` of ${of}`}
      </p>
      <blockquote className="refused-reason">{refused.reason}</blockquote>
      <p className="refused-text">
        {heldWords(refused.later)} Try again when the reason is gone. Or give it up: the service’s version
        comes back, and what you wrote stays to read under “Your changes”.
      </p>
      <div className="refused-actions">
        <Button className="button" onPress={tryAgain}>
          Try again
        </Button>
        <Button className="button button-danger" onPress={() => giveUp(refused.transactionId)}>
          Give up my change
        </Button>
      </div>
      <WriteFailure failure={failure} />
    </section>
  )
}
