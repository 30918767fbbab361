/** A person as initials on their own colour. Decoration: the name stands beside it or in `title`. */
export function Avatar({ name, hue }: { readonly name: string | null; readonly hue: number | null }) {
  if (name === null) return <span className="avatar avatar-nobody" title="Nobody" aria-hidden="true" />
  return (
    <span className="avatar" title={name} aria-hidden="true" style={{ '--hue': hue ?? 200 }}>
      {initials(name)}
    </span>
  )
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '')
  const first = words[0] ?? ''
  const last = words.length > 1 ? (words.at(-1) ?? '') : ''
  return (first.charAt(0) + last.charAt(0)).toUpperCase()
}
