-- Tables are sorted as a Vietnamese reader expects: a before á before b, Đ after D, and plot 9 before plot 10.

CREATE COLLATION gis.vietnamese (provider = icu, locale = 'vi-u-kn-true');
COMMENT ON COLLATION gis.vietnamese IS 'Vietnamese order, numbers in texts by their value';
