export { routesFrom } from './routes.ts'
export { type Sale, saleOf, type Trade, trade } from './trade.ts'
