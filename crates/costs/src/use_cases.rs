//! The questions that the FinOps Foundation lists for FOCUS, each with the command that answers it.

/// A question and how it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct UseCase {
    /// The question, by its published title.
    pub title: &'static str,
    /// The command that answers it; words in capitals are for whoever asks.
    pub command: &'static str,
}

/// All of them. The titles are those of focus.finops.org/use-cases.
pub const USE_CASES: &[UseCase] = &[
    UseCase {
        title: "Understand the billing account or sub account entity",
        command: "tradewind costs by BillingAccountName,BillingAccountType,account,SubAccountType",
    },
    UseCase {
        title: "Identify sources of billed cost",
        command: "tradewind costs by publisher,provider,InvoiceIssuerName,charge",
    },
    UseCase {
        title: "Analyze credit memos",
        command: "tradewind costs by InvoiceId,ChargeDescription,billing-month --where charge=Credit",
    },
    UseCase {
        title: "Verify accuracy of provider invoices aka invoice reconciliation",
        command: "tradewind costs by InvoiceId,InvoiceIssuerName,billing-month --metric billed",
    },
    UseCase {
        title: "Calculate average rate of a component resource",
        command: "tradewind costs by SkuMeter,unit,resource --metric effective,quantity",
    },
    UseCase {
        title: "Quantify usage of a component resource",
        command: "tradewind costs by SkuMeter,unit,resource --metric quantity,effective",
    },
    UseCase {
        title: "Calculate unit economics",
        command: "tradewind costs unit --units NUMBER",
    },
    UseCase {
        title: "Calculate consumption of virtual currency within a billing period",
        command: "tradewind costs by PricingCurrency,billing-month,unit --metric quantity,effective",
    },
    UseCase {
        title: "Determine target of virtual currency usage",
        command: "tradewind costs by PricingCurrency,service,resource --where charge=Usage",
    },
    UseCase {
        title: "Analyze effective cost by pricing currency",
        command: "tradewind costs by PricingCurrency,service",
    },
    UseCase {
        title: "Analyze purchase of virtual currency",
        command: "tradewind costs by PricingCurrency,ChargeDescription,billing-month --where charge=Purchase",
    },
    UseCase {
        title: "Determine contracted savings by virtual currency",
        command: "tradewind costs by PricingCurrency,service --metric list,contracted",
    },
    UseCase {
        title: "Analyze tag coverage",
        command: "tradewind costs by tag:team,service",
    },
    UseCase {
        title: "Analyze the different metered costs for a particular SKU",
        command: "tradewind costs by SkuMeter,SkuPriceId,unit --where sku=SKU",
    },
    UseCase {
        title: "Report costs by service category and subcategory",
        command: "tradewind costs by category,ServiceSubcategory",
    },
    UseCase {
        title: "Analyze capacity reservations on compute costs",
        command: "tradewind costs by CapacityReservationId,CapacityReservationStatus --where category=Compute",
    },
    UseCase {
        title: "Identify unused capacity reservations",
        command: "tradewind costs by CapacityReservationId,provider --where CapacityReservationStatus=Unused",
    },
    UseCase {
        title: "Report corrections by subaccount for a previously invoiced billing period",
        command: "tradewind costs by account,billing-month --where ChargeClass=Correction",
    },
    UseCase {
        title: "Report recurring charges for commitment-based discounts over a period",
        command: "tradewind costs by commitment,CommitmentDiscountType,billing-month --where ChargeFrequency=Recurring",
    },
    UseCase {
        title: "Analyze costs by service name",
        command: "tradewind costs by service",
    },
    UseCase {
        title: "Report spending across billing periods for a provider by service category",
        command: "tradewind costs by billing-month,category --where provider=NAME",
    },
    UseCase {
        title: "Analyze service costs by region",
        command: "tradewind costs by service,region",
    },
    UseCase {
        title: "Report service costs by providers subaccount",
        command: "tradewind costs by provider,account,service",
    },
    UseCase {
        title: "Analyze service costs month over month",
        command: "tradewind costs by service,month",
    },
    UseCase {
        title: "Report application cost month over month",
        command: "tradewind costs by tag:application,month",
    },
    UseCase {
        title: "Analyze costs of components of a resource",
        command: "tradewind costs by SkuMeter,ChargeDescription --where resource=ID",
    },
    UseCase {
        title: "Report costs by service category",
        command: "tradewind costs by category",
    },
    UseCase {
        title: "Report corrections for a previously invoiced billing period",
        command: "tradewind costs by billing-month,service --where ChargeClass=Correction",
    },
    UseCase {
        title: "Report effective cost of compute",
        command: "tradewind costs by service,month --where category=Compute",
    },
    UseCase {
        title: "Report commitment discount purchases",
        command: "tradewind costs by commitment,CommitmentDiscountType,billing-month --where charge=Purchase",
    },
    UseCase {
        title: "Determine Effective Savings Rate by Service",
        command: "tradewind costs by service --metric list,effective",
    },
    UseCase {
        title: "Determine Effective Savings Rate",
        command: "tradewind costs by month --metric list,effective",
    },
    UseCase {
        title: "Analyze resource costs by SKU",
        command: "tradewind costs by resource,sku",
    },
    UseCase {
        title: "Analyze marketplace vendors costs",
        command: "tradewind costs by publisher,InvoiceIssuerName,service",
    },
    UseCase {
        title: "Analyze cost per compute service for a subaccount",
        command: "tradewind costs by service --where category=Compute --where account=ID",
    },
    UseCase {
        title: "Analyze costs by availability zone for a subaccount",
        command: "tradewind costs by zone,service --where account=ID",
    },
    UseCase {
        title: "Identify anomalous daily spending by subaccount, region, and service",
        command: "tradewind costs anomalies --by service --where account=ID --where region=REGION",
    },
    UseCase {
        title: "Identify anomalous daily spending by subaccount and region",
        command: "tradewind costs anomalies --by region --where account=ID",
    },
    UseCase {
        title: "Identify anomalous daily spending by subaccount",
        command: "tradewind costs anomalies --by account",
    },
    UseCase {
        title: "Update budgets for each application",
        command: "tradewind budgets set NAME --amount AMOUNT --tag application=NAME",
    },
    UseCase {
        title: "Update budgets with billed costs",
        command: "tradewind budgets set NAME --amount AMOUNT --metric billed",
    },
    UseCase {
        title: "Report subaccounts by region",
        command: "tradewind costs by account,region",
    },
    UseCase {
        title: "Get historical usage and rates to enable cost forecasting",
        command: "tradewind costs by service,sku,month --metric effective,quantity,list",
    },
    UseCase {
        title: "Forecast cashflow month over month based on historical trends by service",
        command: "tradewind costs forecast --metric billed --where service=NAME",
    },
    UseCase {
        title: "Forecast amortized costs month over month based on historical trends",
        command: "tradewind costs forecast --metric effective",
    },
    UseCase {
        title: "Verify discount accuracy for previously invoiced billing period",
        command: "tradewind costs by billing-month,service --metric list,contracted,effective",
    },
    UseCase {
        title: "Verify accuracy of services charges across providers",
        command: "tradewind costs by provider,service --metric billed,list,contracted",
    },
    UseCase {
        title: "Verify accuracy of provider invoices",
        command: "tradewind costs by InvoiceIssuerName,billing-month --metric billed",
    },
    UseCase {
        title: "Compare resource usage month over month",
        command: "tradewind costs by resource,unit,month --metric quantity,effective",
    },
    UseCase {
        title: "Analyze service costs by subaccount",
        command: "tradewind costs by account,service",
    },
    UseCase {
        title: "Identify unused commitments",
        command: "tradewind costs by commitment,provider --where CommitmentDiscountStatus=Unused",
    },
    UseCase {
        title: "Allocate multi-currency charges per application",
        command: "tradewind costs allocate tag:application",
    },
    UseCase {
        title: "Compare billed cost per subaccount to budget",
        command: "tradewind budgets set NAME --amount AMOUNT --metric billed --where account=ID",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Key, Metric};

    #[test]
    fn every_question_is_asked_with_keys_and_metrics_that_exist() {
        assert_eq!(USE_CASES.len(), 53);
        for case in USE_CASES {
            let words: Vec<&str> = case.command.split(' ').collect();
            assert_eq!(words[0], "tradewind");
            if words[1..3] == ["costs", "by"] {
                for key in words[3].split(',') {
                    Key::parse(key).unwrap();
                }
                assert!(words[3].split(',').count() <= 4);
            }
            for pair in words.windows(2) {
                match pair[0] {
                    "--metric" => pair[1]
                        .split(',')
                        .for_each(|m| assert!(Metric::named(m).is_some())),
                    "--where" => {
                        Key::parse(pair[1].split_once('=').unwrap().0).unwrap();
                    }
                    _ => {}
                }
            }
        }
    }
}
