//! From a command line to a verb over a deployment.

mod configured;

use std::sync::Arc;

use counterpart_config::SyncConfig;
use counterpart_delivery::ingress::HookSecrets as _;
use counterpart_delivery::ports::Clock as _;
use counterpart_delivery::{Context, Redrive, SecretText};
use counterpart_domain::{Fault, TargetName};
use counterpart_runtime::{Active, DeployedHooks, Deployment, Environment};
use futures_util::future::join;
use serde_json::json;

use crate::cli::{
    AgentCommand, ChannelCommand, CircuitCommand, Cli, Command, ConfigCommand, DoctorArgs,
    HooksArgs, LinkCommand, ParkedCommand, PollArgs, RepsCommand, RestoredArgs, StatusArgs,
    TrialArgs,
};
use crate::output::{Answer, Refusal, Style};
use crate::systems::{CommandPorts, crms, systems};
use crate::unknown::unknown;
use crate::{
    aws, channel, circuit, config, doctor, hooks, link, parked, pauses, poll, reps, restored,
    signed, status,
};

/// Does what the command line asks.
///
/// # Errors
/// When it cannot be done; nothing is half done without being said.
pub async fn run(cli: Cli) -> Result<Answer, Refusal> {
    match cli.command {
        Command::Config(ConfigCommand::Init) => Ok(Answer::well(
            SyncConfig::DEFAULT.into(),
            json!({"sync_toml": SyncConfig::DEFAULT}),
        )),
        Command::Config(ConfigCommand::Check { file, offline }) => {
            configured::check(&file, offline).await
        }
        Command::Config(ConfigCommand::Push { file, unchecked }) => {
            configured::push(&file, unchecked).await
        }
        Command::Doctor(args) => examine(args).await,
        Command::Agent(AgentCommand::Check {
            url,
            token_file,
            company,
            trial,
        }) => {
            let secret = SecretText::new(config::read(&token_file)?);
            let column = trial
                .reference_column
                .as_deref()
                .unwrap_or(doctor::USUAL_COLUMN);
            let wish = wish(&trial, column);
            let probes = Box::pin(doctor::agent_alone(
                &url,
                &secret,
                company,
                column,
                wish.as_ref(),
            ))
            .await?;
            Ok(doctor::answer(&probes, Style::of_stdout()))
        }
        Command::Status(args) => show_status(args).await,
        Command::Pause(args) => pause(args).await,
        Command::Resume(args) => resume(args).await,
        Command::Pauses(args) => show_pauses(args).await,
        Command::Parked(command) => show_parked(command).await,
        Command::Link(command) => Box::pin(do_link(command)).await,
        Command::Circuit(command) => do_circuit(command).await,
        Command::Channel(ChannelCommand::List { target }) => show_channels(target).await,
        Command::Poll(args) => do_poll(args).await,
        Command::Restored(args) => look_through(args).await,
        Command::Reps(command) => do_reps(command, cli.json).await,
        Command::Hooks(args) => show_hooks(args).await,
    }
}

/// The round trip, where it is wished for.
fn wish(args: &TrialArgs, column: &str) -> Option<doctor::Trial> {
    let (customer, item) = args.customer.as_ref().zip(args.item.as_ref())?;
    args.write.then(|| doctor::Trial {
        customer: customer.clone(),
        item: item.clone(),
        column: column.to_owned(),
    })
}

fn deployment() -> Result<Deployment, Refusal> {
    let environment = Environment::of_process().map_err(Fault::from).map_err(|fault| {
        let remedy = format!(
            "Set what the template sets for the functions (`counterpart --help` names it). Missing or wrong: {}.",
            fault.detail
        );
        Refusal::new(&fault.code, fault.message, remedy)
    })?;
    Ok(Deployment::new(environment, aws::sdk_config()?))
}

async fn show_hooks(args: HooksArgs) -> Result<Answer, Refusal> {
    let deployment = deployment()?;
    let active = active(&deployment).await?;
    let secrets = DeployedHooks {
        deployment: &deployment,
        config: &active.config,
    };
    let wanted = |name: &TargetName| args.target.as_ref().is_none_or(|target| target == name);
    let mut targets = Vec::new();
    for (name, target) in &active.config.targets {
        if wanted(name) {
            targets.push((name, target, Box::pin(secrets.hook(name)).await?));
        }
    }
    if let Some(target) = args.target.as_ref().filter(|_| targets.is_empty()) {
        return Err(unknown(
            "target",
            target.as_str(),
            active.config.targets.keys(),
        ));
    }
    Ok(hooks::answer(
        &targets,
        &args.api,
        args.show,
        Style::of_stdout(),
    ))
}

async fn active(deployment: &Deployment) -> Result<Active, Fault> {
    Box::pin(deployment.active()).await
}

async fn examine(args: DoctorArgs) -> Result<Answer, Refusal> {
    let deployment = deployment()?;
    let config = match &args.file {
        Some(file) => SyncConfig::parse(&config::read(file)?).map_err(|findings| {
            Refusal::new(
                "E_CONFIG",
                format!(
                    "{} has {} mistakes.",
                    configured::name(file),
                    findings.len()
                ),
                "`counterpart config check` names them.",
            )
        })?,
        None => match active(&deployment).await {
            Ok(active) => (*active.config).clone(),
            // Without a configuration there are no systems to try, but the tables can still be.
            Err(fault) => {
                let mut probes = Box::pin(doctor::deployment(&deployment, None)).await;
                probes.push(doctor::no_configuration(&fault));
                return Ok(doctor::answer(&probes, Style::of_stdout()));
            }
        },
    };
    if let Some(target) = args
        .target
        .as_ref()
        .filter(|target| !config.targets.contains_key(target))
    {
        return Err(unknown("target", target.as_str(), config.targets.keys()));
    }
    if let Some(company) = args
        .company
        .as_ref()
        .filter(|company| !config.companies.contains_key(company))
    {
        return Err(unknown(
            "company",
            company.as_str(),
            config.companies.keys(),
        ));
    }
    let column = args.trial.reference_column.clone().or_else(|| {
        let mut orders = config
            .targets
            .values()
            .filter_map(|target| target.orders.as_ref());
        let own = orders.find(|orders| args.company.as_ref() == Some(&orders.company));
        own.map(|orders| orders.reference_column.clone())
    });
    let column = column.as_deref().unwrap_or(doctor::USUAL_COLUMN);
    let scope = doctor::Scope {
        trial: wish(&args.trial, column),
        target: args.target,
        company: args.company,
        learn: args.learn,
    };
    let own = doctor::deployment(&deployment, Some(&config));
    let others = async {
        let systems = systems(&deployment, &config).await;
        doctor::systems(&deployment, &config, &systems, &scope).await
    };
    let (mut probes, others) = Box::pin(join(own, others)).await;
    probes.extend(others);
    Ok(doctor::answer(&probes, Style::of_stdout()))
}

async fn show_status(args: StatusArgs) -> Result<Answer, Refusal> {
    let deployment = deployment()?;
    let now = deployment.clock.now();
    let query = status::Query {
        company: args.company,
        since: args
            .since
            .map(|text| status::since(&text, now))
            .transpose()?,
        runs: usize::from(args.runs),
    };
    let active = active(&deployment).await?;
    if let Some(company) = query
        .company
        .as_ref()
        .filter(|company| !active.config.companies.contains_key(company))
    {
        return Err(unknown(
            "company",
            company.as_str(),
            active.config.companies.keys(),
        ));
    }
    let queues = Box::pin(deployment.queue_depths()).await?;
    let collected = status::collect(&*deployment.store, &active, &query, queues, now);
    Ok(status::answer(
        &Box::pin(collected).await?,
        Style::of_stdout(),
    ))
}

/// The targets that may hold something parked.
async fn parking_targets(
    deployment: &Deployment,
    only: Option<String>,
) -> Result<Vec<String>, Refusal> {
    // What is parked is shown even where nothing is in force, or it cannot be read.
    let known = match active(deployment).await {
        Ok(active) => active
            .config
            .targets
            .keys()
            .map(ToString::to_string)
            .collect(),
        Err(fault) if fault.is_retryable() => return Err(fault.into()),
        Err(_) => deployment
            .environment
            .queues
            .keys()
            .map(ToString::to_string)
            .collect(),
    };
    Box::pin(parked::targets(&*deployment.store, known, only)).await
}

async fn show_parked(command: ParkedCommand) -> Result<Answer, Refusal> {
    let deployment = deployment()?;
    let store = &*deployment.store;
    match command {
        ParkedCommand::List { target, limit } => {
            let targets = parking_targets(&deployment, target).await?;
            let all = Box::pin(parked::all(store, &targets, limit)).await?;
            Ok(parked::list(&all, limit, Style::of_stdout()))
        }
        ParkedCommand::Show { keys, target } => {
            let targets = parking_targets(&deployment, target).await?;
            Box::pin(parked::show(store, &targets, &keys)).await
        }
        ParkedCommand::Redrive {
            ids,
            target,
            code,
            yes,
        } => {
            let targets = parking_targets(&deployment, target).await?;
            let config_version = match active(&deployment).await {
                Ok(active) => active.version,
                Err(fault) if fault.is_retryable() => return Err(fault.into()),
                // Nothing is in force: what is sent waits for nothing newer.
                Err(_) => 0,
            };
            let over = Redrive::<CommandPorts> {
                store,
                queue: &deployment.queue,
                clock: &deployment.clock,
                config_version,
            };
            let wanted = parked::redrive::Wanted {
                ids,
                code,
                send: yes,
            };
            let style = Style::of_stdout();
            Box::pin(parked::redrive::redrive(&over, &targets, &wanted, style)).await
        }
    }
}

async fn do_link(command: LinkCommand) -> Result<Answer, Refusal> {
    let deployment = deployment()?;
    let active = active(&deployment).await?;
    let (LinkCommand::Show { target, .. }
    | LinkCommand::Move { target, .. }
    | LinkCommand::Release { target, .. }) = &command;
    let Some(settings) = active.config.targets.get(target) else {
        let known = active.config.targets.keys();
        return Err(unknown("target", target.as_str(), known));
    };
    let clients = crms(&deployment, &active.config, &[target]).await;
    let Some(crm) = clients.get(target) else {
        return Err(unknown("target", target.as_str(), clients.keys()));
    };
    let desk = link::Desk::<CommandPorts> {
        context: Context {
            store: &*deployment.store,
            queue: &deployment.queue,
            clock: &deployment.clock,
            config: &active.config,
            config_version: active.version,
            is_behind: active.is_behind(),
        },
        target,
        settings,
        crm,
    };
    let named = desk.find(&command).await?;
    let company = active.config.companies.get(&named.key.company);
    let Some(company) = company else {
        let known = active.config.companies.keys();
        return Err(unknown("company", named.key.company.as_str(), known));
    };
    let agent = deployment.agent(company).await?;
    Box::pin(desk.answer(&command, named, &agent, Style::of_stdout())).await
}

async fn do_circuit(command: CircuitCommand) -> Result<Answer, Refusal> {
    let deployment = deployment()?;
    let config = active(&deployment).await?.config;
    let (store, now) = (&*deployment.store, deployment.clock.now());
    let queues = Box::pin(deployment.queue_depths()).await?;
    match command {
        CircuitCommand::List => {
            let style = Style::of_stdout();
            Ok(Box::pin(circuit::list(store, &config, &queues, now, style)).await?)
        }
        CircuitCommand::Close { name } => {
            let who = Box::pin(signed::caller(&deployment)).await;
            Box::pin(circuit::close(store, &config, &name, &who, &queues, now)).await
        }
    }
}

async fn show_channels(only: Option<TargetName>) -> Result<Answer, Refusal> {
    let deployment = deployment()?;
    let config = active(&deployment).await?.config;
    let targets = config.targets.iter();
    let targets: Vec<_> = targets
        .filter(|(name, _)| only.as_ref().is_none_or(|only| only == *name))
        .collect();
    if let Some(only) = only.filter(|_| targets.is_empty()) {
        return Err(unknown("target", only.as_str(), config.targets.keys()));
    }
    // Only who has relays is asked: it takes a token.
    let asked = targets.iter();
    let asked = asked.filter(|(_, target)| target.crm.profile().ways_in.bus);
    let asked: Vec<&TargetName> = asked.map(|(name, _)| *name).collect();
    let crms = crms(&deployment, &config, &asked).await;
    let listed = channel::list(
        &*deployment.store,
        &targets,
        &crms,
        deployment.clock.now(),
        Style::of_stdout(),
    );
    Ok(Box::pin(listed).await?)
}

async fn do_poll(args: PollArgs) -> Result<Answer, Refusal> {
    let deployment = deployment()?;
    let config = active(&deployment).await?.config;
    let wanted = poll::Wanted::read(&config, args.company, &args.entity, &args.keys)?;
    Box::pin(poll::poll(
        &deployment,
        &config,
        &wanted,
        Style::of_stdout(),
    ))
    .await
}

async fn look_through(args: RestoredArgs) -> Result<Answer, Refusal> {
    let deployment = deployment()?;
    let restored_to = status::since(&args.to, deployment.clock.now())?;
    let active = active(&deployment).await?;
    let names: Vec<&TargetName> = active.config.targets.keys().collect();
    let crms = crms(&deployment, &active.config, &names).await;
    let over = Context::<CommandPorts> {
        store: &*deployment.store,
        queue: &deployment.queue,
        clock: &deployment.clock,
        config: &active.config,
        config_version: active.version,
        is_behind: active.is_behind(),
    };
    Box::pin(restored::look_through(over, &crms, restored_to)).await
}

async fn pause(args: pauses::PauseArgs) -> Result<Answer, Refusal> {
    let deployment = deployment()?;
    let config = active(&deployment).await?.config;
    let (store, clock) = (&*deployment.store, &deployment.clock);
    Box::pin(pauses::begin(store, clock, &config, &args)).await
}

async fn resume(args: pauses::ResumeArgs) -> Result<Answer, Refusal> {
    let deployment = deployment()?;
    let config = active(&deployment).await?.config;
    let (store, clock) = (&*deployment.store, &deployment.clock);
    Box::pin(pauses::end(store, clock, &config, &args)).await
}

async fn show_pauses(args: pauses::PausesArgs) -> Result<Answer, Refusal> {
    let deployment = deployment()?;
    let config = active(&deployment).await?.config;
    let (store, clock) = (&*deployment.store, &deployment.clock);
    let (limit, style) = (usize::from(args.limit), Style::of_stdout());
    Box::pin(pauses::show(store, clock, &config, limit, style)).await
}

async fn do_reps(command: RepsCommand, json: bool) -> Result<Answer, Refusal> {
    let deployment = deployment()?;
    let config = Arc::clone(&active(&deployment).await?.config);
    Box::pin(reps::run(command, &deployment, &config, json)).await
}
