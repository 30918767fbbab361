/**
 * What a pane has to say about its rows, and the rows. It renders each second, for
 * its ages and countdowns; the list, passed in as `children`, does not.
 */
import type { ReactNode } from 'react'
import { Button } from 'react-aria-components'
import { Bar } from '../parts/Bar.tsx'
import { Blank } from '../parts/Blank.tsx'
import { useClock } from '../parts/clock.ts'
import { PaneNotice } from '../parts/PaneNotice.tsx'
import { useOnline } from '../parts/online.ts'
import { paneState, type PaneFacts } from './pane-state.ts'

export function PaneBody({ facts, children }: { readonly facts: PaneFacts; readonly children: ReactNode }) {
  const now = useClock((time) => time)
  const { goOnline } = useOnline()
  const state = paneState(facts, now)
  switch (state.kind) {
    case 'rows':
      return (
        <>
          {state.notice !== null && <PaneNotice>{state.notice}</PaneNotice>}
          {state.progress !== null && (
            <div className="pane-progress">
              <Bar label={`Downloading ${facts.what}`} progress={state.progress} shape="line" />
            </div>
          )}
          {children}
        </>
      )
    case 'wait':
      return (
        <Blank title={state.title} text={state.text} busy={!state.canConnect}>
          {state.progress !== null && <Bar label="Downloaded" progress={state.progress} />}
          {state.canConnect && (
            <Button className="button" onPress={goOnline}>
              Go online
            </Button>
          )}
        </Blank>
      )
    case 'empty':
      return <Blank title={state.title} />
    case 'failed':
      return <Blank title={state.title} text={state.text} />
  }
}
