/** Where a route is in its life. `failed`: it could not start. */
export type RouteStatus =
  | 'stopped'
  | 'starting'
  | 'started'
  | 'suspending'
  | 'suspended'
  | 'resuming'
  | 'stopping'
  | 'failed'
