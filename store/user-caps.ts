/** The most that one user may hold in orders that are not paid; 0: any number. */
export interface UserCaps {
  unpaidOrders: number
  /** Pieces of all goods together. */
  unpaidPieces: number
  /** Minor units. What an order comes to is not known when it is opened: its run refuses it once it is priced (OpenedOrder.mayCost). */
  unpaidValue: number
}
