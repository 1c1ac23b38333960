/** What an acknowledged record survives: nothing beyond the process, the end of the process, that of the machine too. */
export type Durability = 'memory' | 'page-cache' | 'fsync';

export const DURABILITIES: readonly Durability[] = ['memory', 'page-cache', 'fsync'];
