/** The most that one user may hold in orders that are not paid; 0: any number. */
export interface UserCaps {
  unpaidOrders: number
  /** Pieces of all goods together. */
  unpaidPieces: number
  /** Minor units from which on no further order is opened: what an order comes to is not known before it is priced. */
  unpaidValue: number
}
