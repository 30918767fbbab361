/** A value that can be opened part by part. What led to the change is open at first, and in sight. */
import { useLayoutEffect, useMemo, useRef, useState } from 'react'
import {
  Button,
  Collection,
  ListLayout,
  Tree,
  TreeItem,
  TreeItemContent,
  Virtualizer,
  type Key,
} from 'react-aria-components'
import { ChevronIcon } from '../parts/icons.tsx'
import { changedNodes, firstChange, valueNodes, type ValueNode } from './value-tree.ts'

export interface ValueTreeProps {
  readonly label: string
  readonly value: unknown
  /** What it was before: parts that changed since are marked, and open at first. The same value: nothing is marked. */
  readonly before: unknown
}

/** CSS pixels of a line. */
const LINE = 22
/** Lines in sight above the first change. */
const ABOVE = 3
const layout = { rowSize: LINE }

export function ValueTree({ label, value, before }: ValueTreeProps) {
  const [opened, setOpened] = useState<{ readonly value: unknown; readonly ids: ReadonlySet<Key> } | null>(
    null,
  )
  const changed = useMemo(() => new Set<Key>(changedNodes(value, before)), [value, before])
  const open = opened !== null && opened.value === value ? opened.ids : changed
  const nodes = useMemo(() => valueNodes(value, before, open), [value, before, open])
  const scroller = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const line = firstChange(valueNodes(value, before, changed))
    if (line !== null) scroller.current!.scrollTop = (line - ABOVE) * LINE
  }, [value, before, changed])
  return (
    <Virtualizer layout={ListLayout} layoutOptions={layout}>
      <Tree
        ref={scroller}
        className="tree"
        aria-label={label}
        items={nodes}
        expandedKeys={open}
        onExpandedChange={(ids) => setOpened({ value, ids })}
      >
        {(node) => <Item node={node} />}
      </Tree>
    </Virtualizer>
  )
}

function Item({ node }: { readonly node: ValueNode }) {
  const { id, name, text, kind, isChanged, was, hasChildren, children } = node
  return (
    <TreeItem
      id={id}
      className="tree-item"
      textValue={`${[name, text].filter(Boolean).join(': ')}${isChanged ? ', changed' : ''}`}
    >
      <TreeItemContent>
        {({ level }) => (
          <div className="tree-line" style={{ '--level': level }} data-changed={isChanged || undefined}>
            {hasChildren ? (
              <Button slot="chevron" className="tree-chevron">
                <ChevronIcon />
              </Button>
            ) : (
              <span />
            )}
            <span className="tree-name">{name}</span>
            <span className="tree-value" data-kind={kind}>
              {text}
              {was !== null && <span className="tree-was"> was {was}</span>}
            </span>
          </div>
        )}
      </TreeItemContent>
      <Collection items={hasChildren && children.length === 0 ? [unseen(id)] : children}>
        {(child) => <Item node={child} />}
      </Collection>
    </TreeItem>
  )
}

/** A closed part stands for its children by one that is never seen: without any it would count as a leaf. */
function unseen(parent: string): ValueNode {
  return {
    id: `${parent} closed`,
    name: '',
    text: '',
    kind: 'word',
    isChanged: false,
    was: null,
    hasChildren: false,
    children: [],
  }
}
