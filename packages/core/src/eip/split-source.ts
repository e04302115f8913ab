import { GroupedItems, type Items, ListItems, StreamedItems } from './split-items.ts'

export interface SplitSourceOptions {
  readonly delimiter: string
  readonly streaming: boolean
  readonly group?: number
}

/**
 * What is split into what: lists, sets, maps (entries), iterators and asynchronous iterables item by item, a text at its
 * delimiter, nothing (null, a blank text) into nothing; any other value, bytes among them, is one item. Without streaming
 * all items are read first, so that their number is known.
 */
export function itemsOf(value: unknown, options: SplitSourceOptions): Items | Promise<Items> {
  const { delimiter, streaming } = options
  if (value === null || value === undefined) return listed([], options)
  if (delimiter.toLowerCase() === 'single') return listed([value], options)
  if (Array.isArray(value)) return listed(streaming ? value : value.slice(), options)
  if (typeof value === 'string') {
    if (value.trim() === '') return listed([], options)
    if (delimiter.toLowerCase() === 'false') return listed([value], options)
    return streaming ? streamed(cut(value, delimiter), options) : listed([...cut(value, delimiter)], options)
  }
  if (typeof value !== 'object' || ArrayBuffer.isView(value)) return listed([value], options)
  const source = value as Partial<AsyncIterable<unknown> & Iterable<unknown> & Iterator<unknown>>
  const asynchronous = source[Symbol.asyncIterator]?.()
  if (asynchronous !== undefined) {
    return streaming ? streamed(asynchronous, options) : all(asynchronous).then(list => listed(list, options))
  }
  const iterator =
    source[Symbol.iterator]?.() ?? (source.next === undefined ? undefined : (source as Iterator<unknown>))
  if (iterator === undefined) return listed([value], options)
  return streaming ? streamed(iterator, options) : listed([...{ [Symbol.iterator]: () => iterator }], options)
}

const listed = (list: readonly unknown[], options: SplitSourceOptions) => grouped(new ListItems(list), options)

const streamed = (source: Iterator<unknown> | AsyncIterator<unknown>, options: SplitSourceOptions) =>
  grouped(new StreamedItems(source), options)

const grouped = (items: Items, { group }: SplitSourceOptions): Items =>
  group === undefined ? items : new GroupedItems(items, group)

/** A text that ends in the delimiter has no empty part there; between two delimiters there is one. */
function* cut(text: string, delimiter: string): IterableIterator<string> {
  let from = 0
  while (from < text.length) {
    const at = text.indexOf(delimiter, from)
    yield text.slice(from, at < 0 ? undefined : at)
    if (at < 0) return
    from = at + delimiter.length
  }
}

async function all(source: AsyncIterator<unknown>): Promise<unknown[]> {
  const list: unknown[] = []
  for (let next = await source.next(); !next.done; next = await source.next()) list.push(next.value)
  return list
}
