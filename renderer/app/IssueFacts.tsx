/** What is known of the open issue, and what of it a user can decide: chosen is saved. */
import type { ReactNode } from 'react'
import { Avatar } from '../parts/Avatar.tsx'
import { Time } from '../parts/Time.tsx'
import { WriteFailure } from '../parts/WriteForm.tsx'
import { AssigneeChoice, LabelChoice, PriorityChoice, StatusChoice } from './choices.tsx'
import type { IssueDetailRow } from './rows.ts'
import { useIssueChanging } from './writing.ts'

export interface IssueFactsProps {
  readonly issue: IssueDetailRow
  /** Nothing can be decided. */
  readonly isLocked: boolean
}

export function IssueFacts({ issue, isLocked: isDisabled }: IssueFactsProps) {
  const { shown, change, failure } = useIssueChanging(issue)
  return (
    <>
      <dl className="facts">
        <Fact name="Status">
          <StatusChoice
            value={shown.status}
            onChange={(status) => change({ status })}
            isDisabled={isDisabled}
          />
        </Fact>
        <Fact name="Priority">
          <PriorityChoice
            value={shown.priority}
            onChange={(priority) => change({ priority })}
            isDisabled={isDisabled}
          />
        </Fact>
        <Fact name="Assignee">
          <AssigneeChoice
            value={shown.assignee_id}
            onChange={(assignee_id) => change({ assignee_id })}
            isDisabled={isDisabled}
          />
        </Fact>
        <Fact name="Reporter">
          <Avatar name={issue.reporter_name} hue={issue.reporter_hue} />
          <span className="fact-text">{issue.reporter_name ?? 'Unknown'}</span>
        </Fact>
        <Fact name="Created">
          <Time at={issue.created_at} />
        </Fact>
        <Fact name="Updated">
          <Time at={issue.updated_at} />
        </Fact>
        <Fact name="Labels" isWide>
          <LabelChoice
            none="None"
            value={shown.labels}
            onChange={(labels) => change({ labels })}
            isDisabled={isDisabled}
          />
        </Fact>
      </dl>
      <WriteFailure failure={failure} />
    </>
  )
}

interface FactProps {
  readonly name: string
  readonly isWide?: boolean
  readonly children: ReactNode
}

function Fact({ name, isWide = false, children }: FactProps) {
  return (
    <div className="fact" data-wide={isWide || undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
