use super::*;

#[test]
fn figures_are_read_or_refused() {
    assert_eq!(read_figure("0.0416"), Ok(Money::micros(41_600)));
    assert_eq!(read_figure("1.2e-3"), Ok(Money::micros(1_200)));
    assert_eq!(read_figure("NaN"), Err(BadFigure::NotANumber("NaN".into())));
    assert_eq!(read_figure("-1"), Err(BadFigure::Negative));
    assert_eq!(read_figure("0.0"), Err(BadFigure::Zero));
    assert_eq!(read_figure("0.0000001"), Err(BadFigure::Zero));
    assert_eq!(read_figure("1e9"), Err(BadFigure::TooLarge));
}
