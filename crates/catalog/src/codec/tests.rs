use super::*;
use crate::Prices;

#[test]
fn an_empty_catalog_goes_through() {
    let file = encode(&Prices::default()).unwrap();
    assert!(decode(&file).unwrap().offers.is_empty());
}
