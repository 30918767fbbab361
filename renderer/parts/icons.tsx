/** Small pictures, drawn in the colour of the text around them. All are decoration: words stand beside them. */
import type { ReactNode } from 'react'

function Icon({
  name,
  children,
  size = 16,
}: {
  readonly name: string
  readonly children: ReactNode
  readonly size?: number
}) {
  return (
    <svg
      className={`icon icon-${name}`}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  )
}

/** How far an issue has come: an empty circle that fills. */
export function StatusIcon({ status }: { readonly status: string }) {
  switch (status) {
    case 'backlog':
      return (
        <Icon name="backlog">
          <circle cx="8" cy="8" r="5.75" strokeDasharray="2 2.5" />
        </Icon>
      )
    case 'todo':
      return (
        <Icon name="todo">
          <circle cx="8" cy="8" r="5.75" />
        </Icon>
      )
    case 'in_progress':
      return (
        <Icon name="in-progress">
          <circle cx="8" cy="8" r="5.75" />
          <path d="M8 4.75a3.25 3.25 0 0 1 0 6.5z" fill="currentColor" stroke="none" />
        </Icon>
      )
    case 'in_review':
      return (
        <Icon name="in-review">
          <circle cx="8" cy="8" r="5.75" />
          <path d="M8 4.75a3.25 3.25 0 1 1-3.25 3.25H8z" fill="currentColor" stroke="none" />
        </Icon>
      )
    case 'done':
      return (
        <Icon name="done">
          <circle cx="8" cy="8" r="6.5" fill="currentColor" stroke="none" />
          <path d="m5.25 8.1 1.9 1.9 3.6-3.9" stroke="var(--panel)" />
        </Icon>
      )
    default:
      return (
        <Icon name="canceled">
          <circle cx="8" cy="8" r="5.75" />
          <path d="m6 6 4 4m0-4-4 4" />
        </Icon>
      )
  }
}

/** 0 (urgent) to 3 (low): bars, and a mark of its own for urgent. */
export function PriorityIcon({ priority }: { readonly priority: number }) {
  if (priority <= 0) {
    return (
      <Icon name="urgent">
        <rect x="1.5" y="1.5" width="13" height="13" rx="3.5" fill="currentColor" stroke="none" />
        <path d="M8 4.6v4m0 2.7v.1" stroke="var(--panel)" strokeWidth="1.8" />
      </Icon>
    )
  }
  return (
    <Icon name="priority">
      {[0, 1, 2].map((bar) => (
        <path
          key={bar}
          d={`M${4 + bar * 4} 12.5v-${3 + bar * 3}`}
          strokeWidth="2.4"
          opacity={bar < 4 - priority ? 1 : 0.25}
        />
      ))}
    </Icon>
  )
}

export function SearchIcon() {
  return (
    <Icon name="search" size={14}>
      <circle cx="7" cy="7" r="4.5" />
      <path d="m10.5 10.5 3 3" />
    </Icon>
  )
}

export function CloseIcon() {
  return (
    <Icon name="close">
      <path d="m4 4 8 8m0-8-8 8" />
    </Icon>
  )
}

export function CommentIcon() {
  return (
    <Icon name="comment" size={14}>
      <path d="M2.5 4.5a2 2 0 0 1 2-2h7a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2H7l-3 2.5v-2.5a1.5 1.5 0 0 1-1.5-1.5z" />
    </Icon>
  )
}

export function WorkIcon() {
  return (
    <Icon name="work">
      <path d="M2.5 9.5h3l1 2h3l1-2h3M4 3.5h8l1.5 6v2a1.5 1.5 0 0 1-1.5 1.5H4a1.5 1.5 0 0 1-1.5-1.5v-2z" />
    </Icon>
  )
}

export function ArchiveIcon() {
  return (
    <Icon name="archive">
      <path d="M2.5 3h11v3h-11zM3.5 6v7h9V6M6.5 9h3" />
    </Icon>
  )
}

export function SunIcon() {
  return (
    <Icon name="sun">
      <circle cx="8" cy="8" r="2.75" />
      <path d="M8 1.5v1.25m0 10.5v1.25M1.5 8h1.25m10.5 0h1.25M3.4 3.4l.9.9m7.4 7.4.9.9m0-9.2-.9.9m-7.4 7.4-.9.9" />
    </Icon>
  )
}

export function MoonIcon() {
  return (
    <Icon name="moon">
      <path d="M13.5 9.6A5.75 5.75 0 0 1 6.4 2.5a5.75 5.75 0 1 0 7.1 7.1z" />
    </Icon>
  )
}

export function PauseIcon() {
  return (
    <Icon name="pause">
      <path d="M5.75 4v8m4.5-8v8" strokeWidth="2" />
    </Icon>
  )
}

export function PlayIcon() {
  return (
    <Icon name="play">
      <path d="m5 3.5 7 4.5-7 4.5z" fill="currentColor" />
    </Icon>
  )
}

/** Points the way that the text runs; turned down it says that something is open. */
export function ChevronIcon() {
  return (
    <Icon name="chevron" size={12}>
      <path d="m6 3.5 4.5 4.5L6 12.5" />
    </Icon>
  )
}

export function CheckIcon() {
  return (
    <Icon name="check" size={14}>
      <path d="m3 8.5 3.2 3.2L13 4.8" />
    </Icon>
  )
}

export function PlusIcon() {
  return (
    <Icon name="plus" size={14}>
      <path d="M8 3v10M3 8h10" />
    </Icon>
  )
}

export function EditIcon() {
  return (
    <Icon name="edit">
      <path d="m10.5 3.2 2.3 2.3-7.3 7.3-3 .7.7-3zM9 4.7 11.3 7" />
    </Icon>
  )
}

export function LockIcon() {
  return (
    <Icon name="lock" size={14}>
      <path d="M4 7h8v6.25H4zM5.5 7V5a2.5 2.5 0 0 1 5 0v2" />
    </Icon>
  )
}

/** On its way up: not sent yet. */
export function PendingIcon() {
  return (
    <Icon name="pending" size={14}>
      <circle cx="8" cy="8" r="6" strokeDasharray="2.2 2.5" />
      <path d="M8 11V5.5M5.75 7.5 8 5.25l2.25 2.25" />
    </Icon>
  )
}

export function RefusedIcon() {
  return (
    <Icon name="refused" size={14}>
      <path d="M8 1.75 15 13.9H1z" />
      <path d="M8 6.4v3.4m0 2v.1" />
    </Icon>
  )
}

/** Two streams that become one. */
export function StreamsIcon() {
  return (
    <Icon name="streams">
      <path d="M3.5 2c0 4.5 4.5 3.5 4.5 8v4M12.5 2c0 4.5-4.5 3.5-4.5 8" />
    </Icon>
  )
}

/** Water with nothing on it yet. */
export function Ripples() {
  return (
    <svg className="ripples" width="88" height="36" viewBox="0 0 88 36" fill="none" aria-hidden="true">
      {[6, 18, 30].map((y, line) => (
        <path
          key={y}
          d={`M${4 + line * 8} ${y}c6-5 10-5 16 0s10 5 16 0 10-5 16 0${line === 2 ? '' : ' 10 5 16 0'}${line === 0 ? ' 10-5 16 0' : ''}`}
          stroke="currentColor"
          strokeWidth="2"
          strokeLinecap="round"
          opacity={1 - line * 0.3}
        />
      ))}
    </svg>
  )
}
