import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { ROOT } from '../run.ts'
import { type Page, problemAt, proseOf } from './files.ts'

const FOLDERS = /^(?:packages|docs|examples|scripts|bench|faults|test-servers|\.ci|\.changeset)\//
const ROOT_FOLDERS = /^test\//

/** A path that a page names, relative to the root. */
export interface Named {
  readonly file: string
  readonly line: number
  readonly path: string
  /** The heading that is meant. */
  readonly anchor: string | undefined
}

/**
 * The paths that a Markdown file names: its relative links, and code that begins with one of the repository's folders,
 * such as `packages/core`. A pattern or a placeholder names no single path.
 */
export function pathsIn(page: Page): Named[] {
  return proseOf(page)
    .split('\n')
    .flatMap((text, at) => [...linksIn(page.file, text), ...codeIn(page.file, text)].map(one => ({ ...one, at })))
    .map(({ path, anchor, at }) => ({ file: page.file, line: at + 1, path, anchor }))
}

type Target = Pick<Named, 'path' | 'anchor'>

function linksIn(file: string, text: string): Target[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => decodeURI(link))
    .filter(link => !/^[a-z]+:/i.test(link))
    .map(link => {
      const [path = '', anchor] = link.split('#')
      return { path: path === '' ? file : posix.join(dirname(file), path), anchor }
    })
}

function codeIn(file: string, text: string): Target[] {
  return [...text.matchAll(/`([^`\n]+)`/g)]
    .map(([, code = '']) => code.replace(/:\d+$/, ''))
    .filter(code => !/[\s*<>{}…|]/.test(code))
    .filter(code => FOLDERS.test(code) || (dirname(file) === '.' && ROOT_FOLDERS.test(code)))
    .map(path => ({ path, anchor: undefined }))
}

/** Links that lead nowhere, and headings that are not there. */
export function brokenLinks(page: Page): string[] {
  return pathsIn(page).flatMap(named => {
    const target = join(ROOT, named.path)
    if (named.path !== page.file && !existsSync(target)) return [problemAt(named, `${named.path} does not exist`)]
    if (named.anchor === undefined) return []
    const text = named.path === page.file ? page.text : readFileSync(target, 'utf8')
    if (anchorsOf({ file: named.path, text }).includes(named.anchor)) return []
    return [problemAt(named, `${named.path} has no heading #${named.anchor}`)]
  })
}

/** The names of a page's headings, as GitHub makes them. */
export function anchorsOf(page: Page): string[] {
  const anchors: string[] = []
  for (const [, heading = ''] of proseOf(page).matchAll(/^#{1,6} +(.+?)\s*#*$/gm)) {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const slug = plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-')
    const same = anchors.filter(one => one === slug || one.replace(/-\d+$/, '') === slug).length
    anchors.push(same === 0 ? slug : `${slug}-${same}`)
  }
  return anchors
}
