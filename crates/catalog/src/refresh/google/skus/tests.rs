use super::*;

#[test]
fn descriptions_name_their_part() {
    for (description, usage, expected) in [
        (
            "N2 Instance Core running in Frankfurt",
            "OnDemand",
            Some(("N2 Instance Core", Purchase::OnDemand)),
        ),
        (
            "Spot Preemptible N2D AMD Instance Ram running in Americas",
            "Preemptible",
            Some(("N2D AMD Instance Ram", Purchase::Spot)),
        ),
        (
            "Nvidia Tesla T4 GPU attached to Spot Preemptible VMs running in Warsaw",
            "Preemptible",
            Some(("Nvidia Tesla T4 GPU", Purchase::Spot)),
        ),
        (
            "Commitment v1: Cpu in Americas for 1 Year",
            "Commit1Yr",
            Some(("N1 Predefined Instance Core", Purchase::CommittedOneYear)),
        ),
        (
            "Commitment v1: E2 Ram in Paris for 3 Years",
            "Commit3Yr",
            Some(("E2 Instance Ram", Purchase::CommittedThreeYears)),
        ),
        (
            "N2 Custom Instance Core running in Americas",
            "OnDemand",
            None,
        ),
        (
            "N2 Sole Tenancy Instance Core running in Americas",
            "OnDemand",
            None,
        ),
        (
            "Nvidia Tesla A100 80GB GPU running in Americas",
            "OnDemand",
            None,
        ),
        (
            "Nvidia Tesla T4 GPU attached to DWS Defined Duration VMs running in X",
            "OnDemand",
            None,
        ),
    ] {
        assert_eq!(part(description, usage), expected, "{description}");
    }
}
