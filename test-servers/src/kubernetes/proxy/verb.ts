/** What RBAC and the audit log call a request. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection' | 'other'

const VERBS: Readonly<Record<string, readonly [one: Verb, many: Verb]>> = {
  GET: ['get', 'list'],
  POST: ['create', 'create'],
  PUT: ['update', 'update'],
  PATCH: ['patch', 'patch'],
  DELETE: ['delete', 'deletecollection'],
}

/** `/api/v1/namespaces/NAMESPACE/RESOURCE/NAME`, each part after the version optional. */
const RESOURCE = /^\/(?:api\/[^/]+|apis\/[^/]+\/[^/]+)(?:\/namespaces\/[^/]+(?=\/))?\/[^/]+(?<name>\/.+)?$/

/** The verb of a request; `other` for what is no resource, such as `/version`. */
export function verbOf(method: string, path: string): Verb {
  const { pathname, searchParams } = new URL(path, 'https://server')
  const match = RESOURCE.exec(pathname)
  const [one, many] = VERBS[method] ?? ['other', 'other']
  if (!match) return 'other'
  if (method === 'GET' && ['true', '1'].includes(searchParams.get('watch') ?? '')) return 'watch'
  return match.groups?.['name'] ? one : many
}
