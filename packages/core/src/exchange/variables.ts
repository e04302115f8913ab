/** Variables that outlive an exchange: `global:name` and `route:id:name`. One per context. */
export class VariableScopes {
  readonly #values = new Map<string, unknown>()

  get(name: string, ownRouteId: string): unknown {
    return this.#values.get(fullName(name, ownRouteId))
  }

  /** Undefined removes it. */
  set(name: string, value: unknown, ownRouteId: string): void {
    if (value === undefined) this.#values.delete(fullName(name, ownRouteId))
    else this.#values.set(fullName(name, ownRouteId), value)
  }
}

/** `route:name` means the own route; `route:id:name` any. */
function fullName(name: string, ownRouteId: string): string {
  const isOwnRoute = name.startsWith('route:') && name.indexOf(':', 6) < 0
  return isOwnRoute ? `route:${ownRouteId}:${name.slice(6)}` : name
}
