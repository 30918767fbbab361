/** Text that people wrote: paragraphs stand apart, and lines that begin with `- ` or `1. ` are lists. */

export function Prose({ text }: { readonly text: string }) {
  return (
    <div className="prose">
      {text.split(/\n{2,}/).map((block, index) => (
        <Block key={index} text={block} />
      ))}
    </div>
  )
}

const item = /^(?:-|\d+\.) /

function Block({ text }: { readonly text: string }) {
  const lines = text.split('\n')
  const first = lines.findIndex((line) => item.test(line))
  if (first === -1) return <p>{text}</p>
  const isNumbered = /^\d/.test(lines[first]!)
  const items = lines.slice(first).map((line, index) => <li key={index}>{line.replace(item, '')}</li>)
  return (
    <>
      {first > 0 && <p>{lines.slice(0, first).join('\n')}</p>}
      {isNumbered ? <ol>{items}</ol> : <ul>{items}</ul>}
    </>
  )
}
