/** As Kuma's; tests make hundreds of keys that protect nothing, for which a fourth of the time is enough. */
export const RSA_BITS = Number(process.env.STAND_IN_RSA_BITS ?? 2048);
